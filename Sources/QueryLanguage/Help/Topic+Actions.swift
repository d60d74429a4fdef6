extension Topic {
  static let actions: [Topic] = [
    Topic(
      .action, "submit", "| submit [take=new] [priority=N] [fit=true] [reason=\"...\"]",
      "arms cells and queues what can start; failed and rejected ones get the next take, approved ones only with take=new; fit=true begins as many as budgets hold to their end, the most urgent first, and lets the others wait",
      examples: [
        "cells where status=failed and character=3 | submit", "cells where id=7 | submit take=new",
        "cells where status=not_started | submit fit=true",
      ]),
    Topic(
      .action, "resubmit", "| resubmit [priority=N] [fit=true] [reason=\"...\"]",
      "submits failed and rejected cells, and leaves all others alone", examples: ["cells where true | resubmit"]),
    Topic(
      .action, "cancel", "| cancel [reason=\"...\"]", "disarms cells or jobs and stops what runs for them",
      examples: ["cells where status=queued | cancel", "jobs where status=running | cancel"]),
    Topic(
      .action, "skip", "| skip [reason=\"...\"]", "takes cells out of the run",
      examples: ["cells where character=3 | skip reason=\"recast\""]),
    Topic(
      .action, "unskip", "| unskip [reason=\"...\"]", "takes cells back into the run",
      examples: ["cells where skipped | unskip"]),
    Topic(
      .action, "approve", "| approve [take=N] [note=\"...\"]",
      "approves cells or variants in review, or sources that need a person's word",
      examples: ["variants where status=review | approve", "cells where id=7 | approve take=1"]),
    Topic(
      .action, "reject", "| reject [reason=\"...\"] [note=\"...\"]", "rejects cells, variants or sources",
      examples: ["cells where id=7 | reject reason=\"eyes off model\""]),
    Topic(
      .action, "retry", "| retry", "queues failed jobs again, without a new take",
      examples: ["jobs where status=failed | retry"]),
    Topic(
      .action, "prioritize", "| prioritize N", "sets how early cells come",
      examples: ["cells where character=3 | prioritize 5"]),
    Topic(
      .action, "hold", "| hold [reason=\"...\"]", "keeps cells from advancing", examples: ["cells where stale | hold"]),
    Topic(
      .action, "release", "| release", "lets held cells advance", examples: ["cells where held | release"]),
    Topic(
      .action, "tag", "| tag WORD", "marks cells with a word", examples: ["cells where id=7 | tag hero"]),
    Topic(
      .action, "untag", "| untag WORD", "takes a mark away", examples: ["cells where tags=hero | untag hero"]),
  ]
}
