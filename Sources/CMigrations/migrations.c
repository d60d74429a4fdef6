// The migrations, carried in the binary. In C, because #embed takes no time to compile, where SwiftPM's embedded
// resources become array literals that take many seconds.
//
// A new migration gets two places here: its bytes and its line in the list. A test holds the folder against the list.
#include "migrations.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char productions[] = {
#embed "../../migrations/20261122090000_productions.sql"
};
static const unsigned char queue[] = {
#embed "../../migrations/20261122090100_queue.sql"
};
static const unsigned char truth[] = {
#embed "../../migrations/20261122090200_truth.sql"
};
static const unsigned char query_views[] = {
#embed "../../migrations/20261122090300_query_views.sql"
};
static const unsigned char saved[] = {
#embed "../../migrations/20261123000100_saved.sql"
};
static const unsigned char query_fields[] = {
#embed "../../migrations/20261123000200_query_fields.sql"
};
static const unsigned char core[] = {
#embed "../../migrations/20261123000300_core.sql"
};
static const unsigned char bus[] = {
#embed "../../migrations/20261123000310_bus.sql"
};
static const unsigned char query_actions[] = {
#embed "../../migrations/20261123000320_query_actions.sql"
};
static const unsigned char history[] = {
#embed "../../migrations/20261123000400_history.sql"
};
static const unsigned char run_budgets[] = {
#embed "../../migrations/20261123000500_run_budgets.sql"
};
static const unsigned char limits[] = {
#embed "../../migrations/20261123000510_limits.sql"
};
static const unsigned char turns[] = {
#embed "../../migrations/20261123000520_turns.sql"
};
static const unsigned char fit[] = {
#embed "../../migrations/20261123000530_fit.sql"
};
static const unsigned char causes[] = {
#embed "../../migrations/20261123000550_causes.sql"
};
static const unsigned char keeping[] = {
#embed "../../migrations/20261123000560_keeping.sql"
};
static const unsigned char copies[] = {
#embed "../../migrations/20261123000600_copies.sql"
};
static const unsigned char set_aside[] = {
#embed "../../migrations/20261123000650_set_aside.sql"
};
static const unsigned char lease[] = {
#embed "../../migrations/20261123000651_lease.sql"
};
static const unsigned char attempts[] = {
#embed "../../migrations/20261123000652_attempts.sql"
};
static const unsigned char sweeping[] = {
#embed "../../migrations/20261123000654_sweeping.sql"
};
static const unsigned char remarks[] = {
#embed "../../migrations/20261123000700_remarks.sql"
};
static const unsigned char needs[] = {
#embed "../../migrations/20261123000750_needs.sql"
};
static const unsigned char cell_history[] = {
#embed "../../migrations/20261123000760_cell_history.sql"
};

#define MIGRATION(time, title) {time "_" #title, title, sizeof title}

static const struct callsheet_migration list[] = {
    MIGRATION("20261122090000", productions),
    MIGRATION("20261122090100", queue),
    MIGRATION("20261122090200", truth),
    MIGRATION("20261122090300", query_views),
    MIGRATION("20261123000100", saved),
    MIGRATION("20261123000200", query_fields),
    MIGRATION("20261123000300", core),
    MIGRATION("20261123000310", bus),
    MIGRATION("20261123000320", query_actions),
    MIGRATION("20261123000400", history),
    MIGRATION("20261123000500", run_budgets),
    MIGRATION("20261123000510", limits),
    MIGRATION("20261123000520", turns),
    MIGRATION("20261123000530", fit),
    MIGRATION("20261123000550", causes),
    MIGRATION("20261123000560", keeping),
    MIGRATION("20261123000600", copies),
    MIGRATION("20261123000650", set_aside),
    MIGRATION("20261123000651", lease),
    MIGRATION("20261123000652", attempts),
    MIGRATION("20261123000654", sweeping),
    MIGRATION("20261123000700", remarks),
    MIGRATION("20261123000750", needs),
    MIGRATION("20261123000760", cell_history),
};

const struct callsheet_migration *const callsheet_migrations = list;
const size_t callsheet_migration_count = sizeof list / sizeof list[0];
