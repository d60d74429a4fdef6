import Foundation

/// Where a result is shown. Rendering is a function of the value and of this.
public struct Viewport: Sendable {
  /// Columns of the terminal; nil when the output is no terminal, and then nothing is folded or shortened.
  public var width: Int?
  /// Lines a screen may take; nil for no limit.
  public var height: Int?
  public var color: ColorMode
  public var glyphs: GlyphSet
  /// The zone in which people read times. Formats for programs are always in UTC.
  public var timeZone: TimeZone {
    get { zone ?? Self.machineZone }
    set { zone = newValue }
  }
  private var zone: TimeZone?
  /// Found out when a time is shown first: it takes part of a millisecond.
  private static let machineZone = TimeZone.current

  public init(
    width: Int? = nil, height: Int? = nil, color: ColorMode = .none, glyphs: GlyphSet = .unicode,
    timeZone: TimeZone? = .gmt
  ) {
    self.width = width.map { max($0, Viewport.narrowest) }
    self.height = height
    self.color = color
    self.glyphs = glyphs
    zone = timeZone
  }

  /// Narrower terminals are treated as this wide and wrap by themselves.
  static let narrowest = 24

  /// From the process's environment and the size of its terminal; `size` is nil when the output is no terminal.
  public static func decide(
    environment: [String: String], size: (columns: Int, rows: Int)?, timeZone: TimeZone? = nil
  ) -> Viewport {
    Viewport(
      width: size?.columns, height: nil,
      color: ColorMode.decide(environment: environment, isTerminal: size != nil),
      glyphs: GlyphSet.decide(environment: environment), timeZone: timeZone)
  }

  /// The lines as text, each ended by a newline.
  public func paint(_ lines: [StyledLine]) -> String {
    var text = ""
    for line in lines {
      line.write(to: &text, color: color)
      text.append("\n")
    }
    return text
  }
}
