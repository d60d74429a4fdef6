import Foundation
import TestFixtures
import Testing

@testable import Orchestrator

/// Random producers, workers and faults against the database and against `ProductionModel`, compared after every step.
@Suite struct RandomProductionTests {
  private static let seeds = (0..<figure("CALLSHEET_RANDOM_SEEDS", or: 5)).map {
    figure("CALLSHEET_RANDOM_FIRST_SEED", or: 1) + $0
  }

  @Test(arguments: seeds)
  func `statements, results and faults in any order leave what the model says`(_ seed: Int) async throws {
    let steps = figure("CALLSHEET_RANDOM_STEPS", or: 500)
    let size = PipelineFixture.Size(characters: 2, sceneTypes: 3, segments: ProductionModel.segments, gpuHours: 0)
    try await PipelineFixture.with(size) { fixture in
      var play = try await RandomPlay(fixture, size, seed: seed)
      for step in 1...steps {
        let what = try await play.step()
        let difference = try await play.difference()
        try await fixture.expectTruth()
        #expect(
          difference == nil, "seed \(seed), step \(step): \(what)\n\(play.history.suffix(12).joined(separator: "\n"))")
        if difference != nil { return }
      }
      FileHandle.standardOutput.write(Data("  figures: seed \(seed), \(play.figures)\n".utf8))
    }
  }
}
