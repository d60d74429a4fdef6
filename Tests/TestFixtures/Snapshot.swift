import Foundation
import Testing

/// Text files beside the tests that use them: what is fed in, and what came out when somebody last looked at it.
public enum Snapshot {
  public static func fixture(_ name: String, beside file: String = #filePath) throws -> [UInt8] {
    Array(try Data(contentsOf: place("Fixtures", name, file)))
  }

  /// The files of the folder `Fixtures/name`, in order of their names.
  public static func fixtures(in folder: String, beside file: String = #filePath) throws -> [(
    name: String, bytes: [UInt8]
  )] {
    let names = try FileManager.default.contentsOfDirectory(atPath: place("Fixtures", folder, file).path()).sorted()
    return try names.map { ($0, try fixture("\(folder)/\($0)", beside: file)) }
  }

  /// Compares with the file `Snapshots/name`. A missing file, and the environment variable `RECORD_SNAPSHOTS`, writes it and fails,
  /// so that nothing is recorded unseen.
  public static func check(
    _ actual: String, _ name: String, beside file: String = #filePath, location: SourceLocation = #_sourceLocation
  ) throws {
    let place = place("Snapshots", name, file)
    let recorded = try? String(contentsOf: place, encoding: .utf8)
    if recorded == actual { return }
    if recorded == nil || ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try actual.write(to: place, atomically: true, encoding: .utf8)
      Issue.record("recorded \(name): look at it and run again", sourceLocation: location)
      return
    }
    let difference = zip(lines(actual), lines(recorded ?? "")).first { $0 != $1 }
    Issue.record(
      """
      \(name) differs, first in
        is:  \(difference?.0 ?? "(more or fewer lines)")
        was: \(difference?.1 ?? "(more or fewer lines)")
      \(lines(actual).count > 60 ? "" : "all of it:\n\(actual)")
      """, sourceLocation: location)
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func place(_ folder: String, _ name: String, _ file: String) -> URL {
    URL(filePath: file).deletingLastPathComponent().appending(path: folder).appending(path: name)
  }
}
