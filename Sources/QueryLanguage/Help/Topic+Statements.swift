extension Topic {
  static let statements: [Topic] = [
    Topic(
      .statement, "select", "[select] ENTITY [where CONDITION] [| STAGE]... [| ACTION]", "shows or changes rows",
      examples: ["select cells where status=failed", "cells where character=3 and status=failed | submit"]),
    Topic(
      .statement, "use", "use project NAME | use run NAME", "chooses what the following statements are about",
      examples: ["use project neon-city", "use run spring"]),
    Topic(
      .statement, "apply", "apply \"FILE\" | apply PLAN", "takes over a production file, or carries out a plan",
      examples: ["apply \"production.yaml\""]),
    Topic(
      .statement, "create",
      "create run NAME [characters (A, B)] [scene_types (..)] [variant_types (..)] [gpu_hours=N] [disk_gb=N]",
      "makes a run and its cells; an axis without a list is taken whole, and gpu_hours and disk_gb are what it may spend",
      examples: [
        "create run spring", "create run test characters (1, 2) scene_types (1)", "create run trial gpu_hours=5",
      ]),
    Topic(
      .statement, "deliver", "deliver [RUN] [to=\"FOLDER\"]",
      "packs an all-approved run; FOLDER is from the folder where the shell was started",
      examples: ["deliver", "deliver spring to=\"packages/spring\""]),
    Topic(
      .statement, "pause", "pause [RUN]", "lets no further job of a run start", examples: ["pause", "pause spring"]),
    Topic(.statement, "resume", "resume [RUN]", "lets a paused run go on", examples: ["resume", "resume spring"]),
    Topic(
      .statement, "budget", "budget [RUN|project] [gpu_hours=N|none] [disk_gb=N|none]",
      "sets what a run may spend beside the budgets of its project, or what the project may spend until its file is applied again; what waited for more goes on by itself",
      examples: [
        "budget gpu_hours=5", "budget spring gpu_hours=2.5 disk_gb=none", "budget project gpu_hours=20",
      ]),
    Topic(
      .statement, "limit", "limit KIND N|none",
      "sets how many jobs of a kind run at a time, over all workers and projects; what runs goes on",
      examples: ["limit segment 2", "limit segment none"]),
    Topic(
      .statement, "keep", "keep events|jobs|undo DURATION",
      "sets how long what is over is kept: events, finished jobs with their attempts, and what undo needs",
      examples: ["keep events 30d", "keep jobs 365d"]),
    Topic(
      .statement, "check", "check matrix", "computes every kept status and count again and compares",
      examples: ["check matrix"]),
    Topic(
      .statement, "show", "show [macros | scripts | plans | settings | variables | limits | retention]",
      "shows what is in use, or what is kept", examples: ["show", "show macros", "show variables", "show limits"]),
    Topic(
      .statement, "set", "set [KEY [VALUE]]", "shows or changes a setting of this session",
      examples: ["set", "set format json"]),
    Topic(
      .statement, "help", "help [WORD] | help @MACRO | help script NAME | help errors [CODE]", "explains",
      examples: ["help", "help submit", "help cells", "help errors unknown_field"]),
    Topic(.statement, "describe", "describe ENTITY", "lists an entity's fields", examples: ["describe cells"]),
    Topic(
      .statement, "explain", "explain [analyze] PIPELINE",
      "shows how a pipeline is understood, and its SQL; analyze runs a read and shows where the time went",
      examples: ["explain cells where status=failed | sort -updated_at", "explain analyze cells | count"]),
    Topic(
      .statement, "plan", "plan PIPELINE [as NAME]", "says what an action would do, and keeps it for apply",
      examples: ["plan cells where status=failed | submit as p1"]),
    Topic(
      .statement, "undo", "undo [ACTION] [partial=true]",
      "takes an action back, the last one or that of an id; partial=true takes back what can be",
      examples: ["undo", "undo 17", "undo 17 partial=true"]),
    Topic(
      .statement, "save",
      "save @NAME[($P[: TYPE][ = VALUE], ...)] [\"WHAT FOR\"] = PIPELINE | save script NAME[(...)] from \"FILE\" | from last N | save @NAME from version N",
      "keeps a macro or a script for the whole project; from version N makes it again what it was then; a macro's parameters have the types of what they are compared with, "
        + "or one of " + ParameterType.names.joined(separator: " "),
      examples: [
        "save @stuck($state = failed) \"failed a while ago\" = cells where status=$state and older than 2h",
        "save @late($who: character, $age: duration = 2h) = cells where character=$who and older than $age",
        "save script morning($day = today) from \"morning.callsheet\"", "save script again from last 20",
        "save @stuck from version 2",
      ]),
    Topic(
      .statement, "drop", "drop @NAME | drop script NAME", "takes a macro or a script out of the project",
      examples: ["drop script morning"]),
    Topic(
      .statement, "run", "run SCRIPT[(ARGUMENTS)]", "runs a saved script",
      examples: ["run morning", "run morning(day=2026-11-22)"]),
    Topic(
      .statement, "include", "include \"FILE\"", "runs the statements of a file",
      examples: ["include \"setup.callsheet\""]),
    Topic(.statement, "let", "let $NAME = VALUE", "names a value", examples: ["let $who = Aria"]),
  ]
}
