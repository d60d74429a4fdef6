import Glibc

/// The size of a terminal in characters.
public struct TerminalSize: Equatable, Sendable {
  public let columns: Int
  public let rows: Int

  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// Of the terminal behind a descriptor; nil when there is none. A terminal that does not know its own size (a serial
  /// line, some tests) counts as 80 by 24.
  public static func of(_ descriptor: Int32) -> TerminalSize? {
    guard isTerminal(descriptor) else { return nil }
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    let columns = known && size.ws_col > 0 ? Int(size.ws_col) : 80
    let rows = known && size.ws_row > 0 ? Int(size.ws_row) : 24
    return TerminalSize(columns: columns, rows: rows)
  }
}

/// Whether a terminal is behind the descriptor.
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
