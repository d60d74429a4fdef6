import Session

extension StatementRunner {
  /// Runs a script's statements as its text is read. Returns false when one failed; the rest was then not run, unless `goesOn`.
  /// - Throws: as `run`.
  func run(_ call: ScriptCall, goesOn: Bool) async throws -> Bool {
    let frame = await session.enter(call)
    do {
      let isFine = try await statements(of: call, goesOn: goesOn)
      await session.leave(frame)
      return isFine
    } catch {
      await session.leave(frame)
      throw error
    }
  }

  private func statements(of call: ScriptCall, goesOn: Bool) async throws -> Bool {
    let batch = Batch(sources: [], goesOn: goesOn)
    switch call.content {
    case .file(let path): return try await batch.read(file: path, name: call.name, self)
    case .text(let text): return try await batch.read(text: text, name: call.name, self)
    }
  }
}
