extension ErrorTopic {
  /// What is found out while a statement is carried out. Unless a page says otherwise, nothing was changed.
  static let running: [ErrorTopic] = [
    ErrorTopic(
      "bad_variable", "--var is not name=value", "Write --var who=Aria; a text of several words goes into quotes."),
    ErrorTopic(
      "cancelled", "the statement was interrupted", "Nothing of it was done. Run it again when it is wanted."),
    ErrorTopic(
      "database", "the database refused a statement",
      "The server's own words follow, and its five letters behind database_. Please report what was typed: it should not happen."
    ),
    ErrorTopic(
      "database_away", "the database cannot be reached",
      "\"callsheet doctor\" says what is missing. The next statement connects anew; nothing is repeated by itself."),
    ErrorTopic(
      "database_full", "the disk of the database is full",
      "Free some space there, then say it again. The embedded database lies in the folder that \"callsheet db status\" names; when it does not run any more, \"callsheet db start\" starts it, and workers go on by themselves."
    ),
    ErrorTopic(
      "deliver_in_transaction", "deliver stands in a transaction",
      "What it packs has to be committed first: run it without --single-transaction."),
    ErrorTopic(
      "delivery_failed", "a package was not made", "The reason is said; the folder is left without a package."),
    ErrorTopic(
      "delivery_interrupted", "the packing ended before it was done",
      "Deliver again: it goes on with the same delivery."),
    ErrorTopic(
      "delivery_under_way", "a delivery of the run is under way already",
      "deliveries where status = running shows how far it is and who packs it."),
    ErrorTopic("empty_matrix", "a run would have no cells", "Each axis needs one entry at least."),
    ErrorTopic(
      "expectation_unmet", "what expect asks for does not hold",
      "Made for scripts: they stop with exit code 5. The first row that it does not hold for is shown."),
    ErrorTopic(
      "explain_action", "this action cannot be rehearsed here", "explain of the rows it works on shows the rest."),
    ErrorTopic(
      "internal", "something happened that was not foreseen",
      "The prompt stays. Please report what was typed and what was said: it should not happen."),
    ErrorTopic(
      "matrix_differs", "a kept copy differs from the facts", "It should not happen: please report it with the output."),
    ErrorTopic("media_folder", "the folder for media cannot be used", "CALLSHEET_MEDIA names another."),
    ErrorTopic(
      "missing_program", "a program that is needed is not installed", "\"callsheet doctor\" names its package."),
    ErrorTopic(
      "moved_on", "an action cannot be taken back whole",
      "Some of what it changed has been changed again or worked on since; that is counted. partial=true takes back the rest."
    ),
    ErrorTopic("name_taken", "the name is in use", "Choose another."),
    ErrorTopic(
      "no_project", "no project is in use", "apply \"production.yaml\" makes one, use project NAME chooses one."),
    ErrorTopic("no_run", "no run is in use", "create run NAME makes one, use run NAME chooses one."),
    ErrorTopic(
      "not_available", "this is not carried out", "The language knows it, and this program does not do it yet."),
    ErrorTopic(
      "not_deliverable", "cells of the run are not approved",
      "cells where status != approved | why says what each needs; skip leaves a cell out."),
    ErrorTopic("not_watchable", "this cannot be watched", "watch shows rows and views again; it takes no action."),
    ErrorTopic(
      "not_undoable", "an action cannot be taken back",
      "apply and deliver work on files outside of the database. Of other actions what they found is kept for a while: show retention."
    ),
    ErrorTopic(
      "nothing_to_save", "no statement was carried out yet", "save script NAME from last N keeps those before it."),
    ErrorTopic("nothing_to_undo", "an action changed nothing", "There is nothing to take back. undo ID names another."),
    ErrorTopic(
      "other_folder", "the project belongs to another folder", "Apply the file of that folder, or name another project."
    ),
    ErrorTopic("output", "a result cannot be written", "The path and the reason are said."),
    ErrorTopic("plan_applied", "the plan was applied already", "A plan is applied once; plan it again."),
    ErrorTopic(
      "plan_drifted", "what a plan was made for has changed",
      "The cells that changed are named. Plan again, look, apply."),
    ErrorTopic("plan_expired", "the plan is too old", "Plan again."),
    ErrorTopic(
      "read_only", "the database takes no changes",
      "The server is a standby, or the user of the connection may only read. Rows can be read; actions and plans need a database that can be written."
    ),
    ErrorTopic("script_cycle", "a script runs itself", "Directly or through others: one of the calls has to go."),
    ErrorTopic(
      "several_runs", "rows of several runs are chosen", "Choose those of one: where run = NAME, or use run NAME."),
    ErrorTopic(
      "target_exists", "the folder of a package is there already", "deliver RUN to=\"ANOTHER\", or move it away."),
    ErrorTopic("timed_out", "the database took too long", "Nothing was done. Ask for less, or later."),
    ErrorTopic(
      "unfiltered_action", "an action would work on everything",
      "Write where true when that is meant, or start with --yes."),
    ErrorTopic(
      "undone_already", "an action is not in force any more",
      "It was taken back already; undo of the undo puts it back."
    ),
    ErrorTopic(
      "unknown_action", "there is no such action to take back", "actions | sort -id | take 10  lists the last ones."),
    ErrorTopic("unknown_plan", "there is no plan of this name", "\"show plans\" lists them."),
    ErrorTopic("unknown_project", "there is no project of this name", "use project NAME takes one that was applied."),
    ErrorTopic("unknown_run", "there is no run of this name", "\"runs\" lists them."),
    ErrorTopic("unknown_script", "there is no script of this name", "\"show scripts\" lists them."),
    ErrorTopic(
      "unknown_version", "a macro or a script has no such version", "help @NAME and help script NAME list the versions."
    ),
    ErrorTopic("wrong_entity", "an action does not take these rows", "\"help ACTION\" says which it takes."),
  ]

  /// What is found in production files and other files that are read.
  static let files: [ErrorTopic] = [
    ErrorTopic("bad_duration", "a value is no duration", "Write 90s, 2m, 1h30m, 500ms or plain seconds."),
    ErrorTopic(
      "bad_name", "a name cannot be used", "What is wrong with it is said: empty, too long, or a character in it."),
    ErrorTopic("bad_number", "a value is no number", "Write digits, with a dot for fractions."),
    ErrorTopic(
      "bad_placeholder", "a command has an unknown {placeholder}", "{{ is a brace; README lists the placeholders."),
    ErrorTopic("bad_resolution", "a value is no resolution", "Write WIDTHxHEIGHT, such as 1280x720."),
    ErrorTopic("bad_size", "a value is no size", "Write 500KB, 1.5GB, 64MiB or plain bytes."),
    ErrorTopic("duplicate_key", "a key stands twice", "Leave one of them."),
    ErrorTopic("duplicate_name", "two entries have one name", "Names are unique, whatever their case."),
    ErrorTopic(
      "empty_command", "a generator has no command", "Write its argument vector: command: [program, \"{output}\"]."),
    ErrorTopic("empty_file", "the file holds nothing", "A production file begins with project: NAME."),
    ErrorTopic(
      "invalid_yaml", "the file is not YAML", "The place is marked; tabs and unclosed quotes are the usual causes."),
    ErrorTopic("missing_file", "a file is not there", "Paths start at the folder of the file that names them."),
    ErrorTopic("missing_key", "a key that is needed is missing", "README shows a whole production file."),
    ErrorTopic("not_a_file", "a path is no file", "It names a folder, a device or a pipe."),
    ErrorTopic("not_executable", "a generator cannot be started", "chmod +x makes a file executable."),
    ErrorTopic("out_of_range", "a number is too small or too large", "The range is said."),
    ErrorTopic("too_large", "a file is too large", "The limit is said."),
    ErrorTopic("too_many_aliases", "YAML aliases unfold to too much", "Write the values out."),
    ErrorTopic("too_many_mistakes", "only the first mistakes are shown", "Mend them and apply again."),
    ErrorTopic("unknown_alias", "a YAML alias has no anchor", "*name needs &name before it."),
    ErrorTopic("unknown_generator", "a generator is not defined", "It needs an entry under generators."),
    ErrorTopic("unknown_key", "a key means nothing here", "The keys that do are said."),
    ErrorTopic("unknown_word", "a word is none of those that can stand here", "The words that can are said."),
    ErrorTopic(
      "wrong_generator_kind", "a generator makes something else",
      "Variants need one of kind variant, scenes one of kind segment."),
    ErrorTopic("unreadable_file", "a file cannot be read", "The reason is said: mostly permissions."),
  ]
}
