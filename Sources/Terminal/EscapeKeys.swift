/// Gathers what a keyboard sends for one key that is no character: `ESC [` or `ESC O` and what follows. Pure: it is told when
/// nothing came for a while.
///
/// Left to itself libedit takes the rest of a sequence it does not know for text, and in vi mode waits after Escape for one.
struct EscapeKeys {
  /// Stands before a known key's sequence in the place of the ESC, so that Escape by itself begins none.
  static let lead: UInt32 = 0x9B
  /// As long an Escape waits for the rest of a sequence, which a terminal sends at once.
  static let patience: Int32 = 50
  private static let escape: UInt32 = 0x1B
  private static let longest = 32

  enum Meaning {
    /// Bound by us, behind `lead`.
    case known
    /// Bound by the user, as it is.
    case users
    case unknown
  }

  private var held: [UInt32] = []

  var isWaiting: Bool { !held.isEmpty }

  /// What goes on to libedit now. `meaning` is asked with a whole sequence, without its ESC.
  mutating func take(_ character: UInt32, meaning: (String) -> Meaning) -> [UInt32] {
    if held.isEmpty || character == EscapeKeys.escape {
      let before = giveUp()
      if character != EscapeKeys.escape { return before + [character] }
      held = [character]
      return before
    }
    held.append(character)
    if held.count == 2 { return character == 0x5B || character == 0x4F ? [] : giveUp() }
    if held[1] == 0x5B, held.count < EscapeKeys.longest, held != [EscapeKeys.escape, 0x5B, 0x5B] {
      if (0x20...0x3F).contains(character) { return [] }
    } else if held.count == 3, character == 0x5B {
      // A Linux console's function keys: `ESC [ [ A`.
      return []
    }
    guard (0x40...0x7E).contains(character) else { return giveUp() }
    let tail = held.dropFirst()
    var text = String.UnicodeScalarView()
    for value in tail { text.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
    defer { held = [] }
    switch meaning(String(text)) {
    case .known: return [EscapeKeys.lead] + tail
    case .users: return held
    case .unknown: return []
    }
  }

  /// Nothing more came: an Escape by itself, or the beginning of what is no key.
  mutating func giveUp() -> [UInt32] {
    defer { held = [] }
    return held
  }
}
