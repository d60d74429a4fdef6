import Model

@testable import Orchestrator

/// Trying again, and taking back.
extension ProductionModel {
  /// Whether the failed job of this place still counts.
  func isFailed(_ place: JobPlace) -> Bool {
    switch place {
    case .source(let index): return sources[index].status == .failed
    case .look(let index): return looks[index].status == .failed
    case .take(let index): return scenes[index].take?.state == .failed
    }
  }

  /// Whether a try could come to anything: somebody wants it, from the picture and the look as they are now.
  private func isWanted(_ place: JobPlace) -> Bool {
    switch place {
    case .source: return true
    case .look(let index):
      return hasGoodSource(index) && cells.contains { scenes[$0.scene].character == index && $0.isWanting }
    case .take(let scene):
      let character = scenes[scene].character
      guard let take = scenes[scene].take, hasGoodSource(character), !isOld(take, of: character) else { return false }
      return cells.contains { $0.scene == scene && $0.isWanting }
    }
  }

  /// False: it is left alone, or the budget does not hold it.
  mutating func retry(_ place: JobPlace) -> Bool {
    guard isWanted(place) else { return false }
    switch place {
    case .source(let index): sources[index].status = .pending
    case .look(let index):
      if !fits(Self.lookCost) { return false }
      looks[index].status = .queued
    case .take(let index):
      guard let take = scenes[index].take else { return false }
      let isChecked = take.done == Self.segments
      if !isChecked && !fits(Self.cost(of: take)) { return false }
      scenes[index].take?.state = isChecked ? .checking : .working
      let type = scenes[index].sceneType
      // Who tries again has mended the generator.
      if !isChecked, tripped[type] {
        release(type)
        advance(among: cells.indices.filter { scenes[cells[$0].scene].sceneType == type })
      }
    }
    return true
  }

  /// The state before an action, as its undo leaves it: what was in hand and was ended by the action waits again.
  func restored(from after: ProductionModel) -> ProductionModel {
    var back = self
    back.spent = after.spent
    for index in scenes.indices {
      back.scenes[index].takes = after.scenes[index].takes
      if scenes[index].take?.isUnfinished == true, after.scenes[index].take?.number != scenes[index].take?.number {
        back.scenes[index].take?.running = nil
      }
    }
    for index in cells.indices {
      let isAsBefore = after.cells[index].isReserved && after.cells[index].fit == cells[index].fit
      back.cells[index].isReserved =
        isAsBefore && cells[index].isWanting && back.scenes[cells[index].scene].take == nil
    }
    for index in looks.indices where looks[index].isInTheMaking {
      if after.looks[index].status == .notStarted { back.cancelLook(index) }
    }
    back.advance()
    return back
  }

  /// This state with the settings of an earlier one.
  func reset(to before: ProductionModel) -> ProductionModel {
    var back = self
    (back.limits, back.kept, back.allowed) = (before.limits, before.kept, before.allowed)
    back.advance()
    return back
  }

  /// Whether the budget holds the takes of this state again that the one after it has ended: what was given back may have
  /// gone to others at once.
  func isFunded(after: ProductionModel) -> Bool {
    let ended = scenes.indices.filter { scenes[$0].take?.state == .working }.filter {
      scenes[$0].take?.number != after.scenes[$0].take?.number
    }
    let again = ended.compactMap { scenes[$0].take }.reduce(0) { $0 + Self.cost(of: $1) }
    // What is set aside for these cells is for the very takes that they get back.
    let ownShare = after.cells.filter { $0.isReserved && ended.contains($0.scene) }.count
    return after.fits(again - Double(ownShare) * Self.takeCost)
  }
}
