import Foundation

/// A figure that the environment may change, such as how often a test does its worst.
public func figure(_ name: String, or usual: Int) -> Int {
  ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
}
