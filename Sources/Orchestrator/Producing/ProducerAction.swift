import Foundation
import Model
import PostgresClient
import Store

/// What a producer asks for, on rows that are already chosen.
public enum ProducerAction: Equatable, Sendable {
  /// `fit`: only as many begin as budgets hold whole, the most urgent first; the others wait.
  case submit(takeNew: Bool, priority: Int?, fit: Bool = false)
  case resubmit(priority: Int?, fit: Bool = false)
  case cancel
  case skip(reason: String?)
  case unskip
  /// `take`: this one becomes the current take, whatever number it has now.
  case approve(note: String?, take: Int? = nil)
  case reject(reason: String?)
  case retry
  case hold
  case release
  case prioritize(Int)
  case tag(String)
  case untag(String)

  public var verb: String {
    switch self {
    case .submit: "submit"
    case .resubmit: "resubmit"
    case .cancel: "cancel"
    case .skip: "skip"
    case .unskip: "unskip"
    case .approve: "approve"
    case .reject: "reject"
    case .retry: "retry"
    case .hold: "hold"
    case .release: "release"
    case .prioritize: "prioritize"
    case .tag: "tag"
    case .untag: "untag"
    }
  }

  /// Whether looks may be ordered or taken back in consequence.
  var mayOrderLooks: Bool {
    switch self {
    case .submit, .resubmit, .cancel, .skip, .unskip, .release, .retry: true
    case .approve, .reject, .hold, .prioritize, .tag, .untag: false
    }
  }

  /// Whether scenes may lose the takes that they have.
  var maySetTakesAside: Bool {
    switch self {
    case .submit, .resubmit: true
    case .cancel, .skip, .unskip, .retry, .hold, .release, .prioritize, .tag, .untag, .approve, .reject: false
    }
  }

  /// Whether work may start because of it later on, without another word: its undo has to look for that.
  func maySetWorkGoing(on subject: ActionSubject) -> Bool {
    switch subject {
    case .variants, .sources: true
    case .cells, .jobs: false
    }
  }
}

/// The rows an action works on. Ids, not a condition: an action changes exactly what was counted.
public enum ActionSubject: Equatable, Sendable {
  case cells([Int64])
  case variants([Int64])
  case sources([Int64])
  case jobs([Int64])

  public var ids: [Int64] {
    switch self {
    case .cells(let ids), .variants(let ids), .sources(let ids), .jobs(let ids): ids
    }
  }

  public var entity: String {
    switch self {
    case .cells: "cells"
    case .variants: "variants"
    case .sources: "sources"
    case .jobs: "jobs"
    }
  }
}

/// Who does it, where, and in which words.
public struct ActionContext: Equatable, Sendable {
  public var project: ProjectID
  public var run: RunID?
  public var user: String
  public var statement: String
  /// Why, as the producer wrote it; kept with the action.
  public var reason: String?

  public init(project: ProjectID, run: RunID?, user: String, statement: String, reason: String? = nil) {
    self.project = project
    self.run = run
    self.user = user
    self.statement = statement
    self.reason = reason
  }
}

public struct UnsupportedAction: Error, Equatable, Sendable {
  public let action: String
  public let entity: String
}
