import Glibc

enum TextFile {
  /// At most 1 MB; nil when it is no text or not to be read.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1_000_000)
    var length = 0
    while length < bytes.count {
      let space = bytes.count - length
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress.map { $0 + length }, space) }
      if count <= 0 { break }
      length += count
    }
    return String(validating: bytes.prefix(length), as: UTF8.self)
  }
}
