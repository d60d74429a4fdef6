#pragma once
#include <stddef.h>

// One file of the folder `migrations`, byte for byte.
struct callsheet_migration {
  const char *name;
  const unsigned char *text;
  size_t length;
};

// In the order of their names, that is, of their times.
extern const struct callsheet_migration *const callsheet_migrations;
extern const size_t callsheet_migration_count;
