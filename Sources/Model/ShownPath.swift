/// How a path is told to somebody who is in a folder.
public enum ShownPath {
  /// Relative for what lies in the folder, so that it can be pasted and read; else as it is. Both are absolute.
  public static func of(_ path: String, from folder: String) -> String {
    let start = folder.hasSuffix("/") ? folder : folder + "/"
    return path.hasPrefix(start) && path.count > start.count ? String(path.dropFirst(start.count)) : path
  }
}
