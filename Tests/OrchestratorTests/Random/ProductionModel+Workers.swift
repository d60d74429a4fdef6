import Model
import Store

@testable import Orchestrator

/// What workers do.
extension ProductionModel {
  mutating func claimed(_ attempt: AttemptID, _ place: JobPlace) {
    switch place {
    case .source: break
    case .look(let index):
      looks[index].status = .generating
      looks[index].running = attempt
    case .take(let index):
      scenes[index].take?.running = attempt
      scenes[index].take?.isBegun = true
    }
  }

  func isInHand(_ attempt: AttemptID, _ place: JobPlace) -> Bool {
    switch place {
    case .source: true
    case .look(let index): looks[index].running == attempt
    case .take(let index): scenes[index].take?.running == attempt
    }
  }

  mutating func succeeded(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source(let index): sources[index].status = .passed
    case .look(let index):
      generations += 1
      looks[index] = Look(status: .review, source: sources[index].version, made: generations)
    case .take(let index):
      scenes[index].take?.running = nil
      if scenes[index].take?.state == .checking {
        scenes[index].take?.state = .review
      } else {
        scenes[index].take?.done += 1
        if scenes[index].take?.done == Self.segments { scenes[index].take?.state = .checking }
        if !tripped[scenes[index].sceneType] { failuresInARow[scenes[index].sceneType] = 0 }
      }
    }
    advance()
  }

  /// Another try follows.
  mutating func comesBack(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source: break
    case .look(let index):
      looks[index].status = .queued
      looks[index].running = nil
    case .take(let index): scenes[index].take?.running = nil
    }
  }

  mutating func failed(_ place: JobPlace, _ seconds: Double) {
    spent += seconds
    switch place {
    case .source(let index): sources[index].status = .failed
    case .look(let index):
      looks[index].status = .failed
      looks[index].running = nil
    case .take(let index):
      let isSegment = scenes[index].take?.state == .working
      scenes[index].take?.state = .failed
      scenes[index].take?.running = nil
      if isSegment {
        let type = scenes[index].sceneType
        failuresInARow[type] += 1
        if failuresInARow[type] >= Breaker.failuresToTrip { tripped[type] = true }
      }
    }
    advance()
  }
}
