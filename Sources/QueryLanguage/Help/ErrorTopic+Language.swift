extension ErrorTopic {
  /// What the parser and the checker say, before anything is sent to the database.
  static let language: [ErrorTopic] = [
    ErrorTopic(
      .syntax, "a statement cannot be read",
      "The carets stand under the first thing that does not fit; what could stand there is said beside it.",
      "cells where status = ;"),
    ErrorTopic(
      .unknownStatement, "no statement begins like this",
      "A statement begins with an entity, select, @macro or one of the words that \"help\" lists.", "sbumit"),
    ErrorTopic(
      .unknownStage, "no stage or action has this name", "\"help stages\" and \"help actions\" list them.",
      "cells | cuont"),
    ErrorTopic(
      .invalidUTF8, "the text is not UTF-8", "Save the file as UTF-8; the place of the first bad byte is marked."),
    ErrorTopic(
      .tooLong, "the text is longer than 16 MB",
      "Split it into statements: each ends with its line or with a semicolon."),
    ErrorTopic(
      .tooDeep, "brackets or macros are nested too deep",
      "Brackets nest 100 levels, macros call one another 32 levels deep. Long lists belong into in (a, b, c)."),
    ErrorTopic(
      .tooMany, "there is too much of something in one statement",
      "One statement has at most 2,000 comparisons and 100 stages; after 100 unreadable statements a text is given up."),
    ErrorTopic(
      .mixedAndOr, "and and or stand side by side without brackets",
      "A warning: and binds first. Brackets say what is meant and end it.",
      "cells where stale or held and submitted"),
    ErrorTopic(
      .unknownEntity, "there are no rows of this name", "\"help entities\" lists what there is.", "select cels"),
    ErrorTopic(
      .unknownField, "the rows have no field of this name",
      "\"describe ENTITY\" lists the fields. Behind group, distinct and count only their results are left.",
      "cells where staus = failed"),
    ErrorTopic(
      .unknownValue, "a word is none of those that can stand here",
      "Statuses, kinds, axes and formats are closed sets of words; they are listed with the field.",
      "cells where status = faild"),
    ErrorTopic(
      .unknownName, "nothing in the project has this name or id",
      "A number is an id, anything else a name; \"3\" in quotes is a name.", "use run sprnig"),
    ErrorTopic(
      .ambiguousName, "several have this name", "Write the whole name in quotes, or the id.",
      "cells where character = sam"),
    ErrorTopic(
      .unknownVariable, "a variable has no value",
      "let $x = VALUE gives one, and so does --var x=VALUE on the command line.", "cells where take = $missing"),
    ErrorTopic(
      .unknownMacro, "there is no macro of this name", "\"show macros\" lists them; save @name = PIPELINE keeps one.",
      "@stukc"),
    ErrorTopic(
      .unknownParameter, "a macro or script has no such parameter",
      "\"help @name\" shows how it is called. In its body a macro knows its own parameters only.",
      "@stuck(stat = failed)"),
    ErrorTopic(
      .missingParameter, "a parameter without a default was not given",
      "\"help @name\" shows which it needs.", "@late"),
    ErrorTopic(
      .unusedParameter, "a macro's parameter is used nowhere in it", "Leave it out, or compare something with it.",
      "save @x($a) = cells"),
    ErrorTopic(
      .macroCycle, "a macro calls itself", "Directly or through others: one of the calls has to go.", "save @x = @x"),
    ErrorTopic(
      .unknownOption, "an action or statement has no such option", "\"help ACTION\" shows its options.",
      "cells where id = 7 | submit tke=new"),
    ErrorTopic(
      .unknownSetting, "there is no setting of this name", "\"set\" lists the settings with their values.",
      "set colr off"),
    ErrorTopic(
      .badSetting, "a setting cannot have this value", "The values it takes are said beside it.", "set rows none"),
    ErrorTopic(
      .wrongType, "a value or an operator does not fit",
      "Numbers, times, words and texts are compared with their like; lists and words have no order.",
      "cells where take = two"),
    ErrorTopic(
      .badPattern, "a regular expression is not well formed",
      "It is PostgreSQL's kind. A character that means something special is meant as itself behind a backslash: \\( \\. \\*"
    ),
    ErrorTopic(
      .percentInGlob, "% stands in a pattern of like", "Patterns are globs: * is any text, ? is one character.",
      "cells where error like \"a%\""),
    ErrorTopic(
      .misplacedStage, "a stage cannot stand here",
      "Behind a view, an expectation, an export or an action no row is left to work on.", "cells | matrix | count"),
    ErrorTopic(
      .misplacedAction, "an action cannot stand here",
      "An action ends its pipeline and takes whole rows of the entities it knows.", "cells | count | submit"),
    ErrorTopic(
      .unknownTopic, "help or show knows nothing of this", "\"help\" lists every word that has a page.", "help submt"),
  ]
}
