import Foundation
import Testing

@testable import Rendering

/// The colours of a theme as somebody sees them.
@Suite struct `Themes` {
  private static let groups: [Style] = [.idle, .working, .review, .done, .trouble]

  /// Linear red, green and blue of a place among xterm's 256 colours.
  private static func light(_ place: Int) -> [Double] {
    let levels = [0.0, 95, 135, 175, 215, 255]
    let bytes =
      place >= 232
      ? [Double](repeating: Double(8 + 10 * (place - 232)), count: 3)
      : [(place - 16) / 36, (place - 16) / 6 % 6, (place - 16) % 6].map { levels[$0] }
    return bytes.map { byte in
      let share = byte / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
  }

  /// Whole protanopia, deuteranopia and tritanopia by Machado, Oliveira and Fernandes (2009), and normal sight.
  private static let sights: [[[Double]]] = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
  ]

  private static func seen(_ light: [Double], by sight: [[Double]]) -> [Double] {
    sight.map { row in max(0, min(1, zip(row, light).reduce(0) { $0 + $1.0 * $1.1 })) }
  }

  /// CIE L*a*b*, in which distances are about as large as they look: 2 can just be told apart.
  private static func lab(_ light: [Double]) -> [Double] {
    let (red, green, blue) = (light[0], light[1], light[2])
    let axes = [
      (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047, 0.2126 * red + 0.7152 * green + 0.0722 * blue,
      (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    ].map { $0 > 0.008856 ? pow($0, 1.0 / 3) : 7.787 * $0 + 16.0 / 116 }
    return [116 * axes[1] - 16, 500 * (axes[0] - axes[1]), 200 * (axes[1] - axes[2])]
  }

  private static func distance(_ first: Int, _ second: Int, _ sight: [[Double]]) -> Double {
    let (one, other) = (lab(seen(light(first), by: sight)), lab(seen(light(second), by: sight)))
    return zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  private static func contrast(_ place: Int, _ ground: Double) -> Double {
    let light = light(place)
    let luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return (max(luminance, ground) + 0.05) / (min(luminance, ground) + 0.05)
  }

  @Test func `under every kind of sight the five groups of the colorblind theme are well apart`() throws {
    for (index, first) in Self.groups.enumerated() {
      for second in Self.groups[(index + 1)...] {
        let places = (try #require(Theme.hue(first)), try #require(Theme.hue(second)))
        for sight in Self.sights {
          #expect(Self.distance(places.0, places.1, sight) >= 15, "\(first) and \(second) by \(sight)")
        }
      }
    }
  }

  @Test func `every colour of the colorblind theme stands out from black and from white`() throws {
    for style in Self.groups + [.error, .warning, .hint] {
      let place = try #require(Theme.hue(style))
      #expect(Self.contrast(place, 0) >= 3 && Self.contrast(place, 1) >= 2.99, "\(style)")
    }
  }

  @Test func `mono has no hue and still tells apart what wants somebody`() {
    for style in Style.allCases {
      let parameters = Theme.mono.parameters(style).split(separator: ";")
      #expect(parameters.allSatisfy { $0.count == 1 }, "\(style)")
    }
    #expect(Set(Self.groups.map { Theme.mono.parameters($0) }).count == 5)
  }

  @Test(arguments: Theme.allCases)
  func `without colour a theme writes nothing, and with it only what it has to`(_ theme: Theme) {
    #expect(ColorMode.none.paint("x", .trouble) == "x")
    #expect(ColorMode(theme: theme).paint("x", .plain) == "x")
    #expect(ColorMode(theme: theme).paint("x", .trouble).hasSuffix("mx\u{1B}[0m"))
  }
}
