import TestFixtures
import Testing

/// Compares a screen with the one kept in `Snapshots`.
func expectSnapshot(_ screen: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  try Snapshot.check(screen, "\(name).txt", location: sourceLocation)
}
