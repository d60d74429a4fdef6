import Glibc

/// A terminal that hands over every key as it is pressed and echoes none, until `restore` or the end of this value's
/// life.
public final class RawMode {
  private let descriptor: Int32
  private var saved: termios?

  /// nil when the descriptor is no terminal.
  public init?(_ descriptor: Int32) {
    var attributes = termios()
    guard tcgetattr(descriptor, &attributes) == 0 else { return nil }
    self.descriptor = descriptor
    saved = attributes
    cfmakeraw(&attributes)
    // Output keeps its newlines: what is drawn is written as lines.
    attributes.c_oflag |= tcflag_t(OPOST)
    guard tcsetattr(descriptor, TCSADRAIN, &attributes) == 0 else { return nil }
  }

  public func restore() {
    guard var attributes = saved else { return }
    tcsetattr(descriptor, TCSADRAIN, &attributes)
    saved = nil
  }

  deinit { restore() }
}
