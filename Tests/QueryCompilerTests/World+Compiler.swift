import TestFixtures

@testable import QueryCompiler

extension World {
  static let compiler = PipelineCompiler(scope: QueryScope(projectID: 1, runID: 1, seed: 42))
}
