#pragma once
#include <libpq-fe.h>
#include <sys/eventfd.h>

// eventfd's flags are an anonymous enum, which Swift does not see.
static inline int callsheet_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
