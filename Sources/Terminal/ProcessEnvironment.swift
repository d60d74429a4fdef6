import Glibc

/// The variables that this process was started with. Foundation's own way to them takes a good part of a millisecond.
public func processEnvironment() -> [String: String] {
  var variables: [String: String] = [:]
  var entry = environ
  while let variable = entry.pointee {
    entry += 1
    guard let equals = strchr(variable, 0x3D) else { continue }
    let name = UnsafeRawBufferPointer(start: variable, count: equals - variable)
    variables[String(decoding: name, as: UTF8.self)] = String(cString: equals + 1)
  }
  return variables
}
