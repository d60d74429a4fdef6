import Foundation

/// Where this user's small files lie, by the XDG rules.
struct UserFolders {
  let state: String
  let rc: String

  init(environment: [String: String]) {
    let home = environment["HOME"] ?? NSHomeDirectory()
    func folder(_ variable: String, _ usual: String) -> String {
      environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/\(usual)"
    }
    state = folder("XDG_STATE_HOME", ".local/state") + "/callsheet"
    rc = folder("XDG_CONFIG_HOME", ".config") + "/callsheet/rc"
  }
}
