import Diagnostics
import Foundation
import Model
import Orchestrator
import QueryLanguage
import Store

/// `set` and `show`. What there is to set is `SettingName`'s.
extension ProducerSession {
  func set(_ name: SettingName?, _ value: String?) -> Outcome {
    guard let name else { return settingsTable(SettingName.allCases) }
    guard let value else { return settingsTable([name]) }
    switch name {
    case .user: settings.user = value
    case .rows: settings.rowLimit = Int(value)
    case .confirm: settings.confirmation = ConfirmationRule(value)
    case .format, .color, .theme, .news, .pager:
      settings.ofShell[name] = value
      return .setting(key: name.rawValue, value: value)
    }
    return .message("\(name.rawValue) is \(value)")
  }

  private func value(of name: SettingName) -> String {
    switch name {
    case .user: settings.user
    case .rows: settings.rowLimit.map(String.init) ?? "all"
    case .confirm: settings.confirmation.text
    case .theme: settings.ofShell[name] ?? "default"
    case .format, .color, .news, .pager: settings.ofShell[name] ?? "usual"
    }
  }

  private func settingsTable(_ names: [SettingName]) -> Outcome {
    .table(
      Self.table(
        ["setting", "value", "values", "summary"],
        names.map { [$0.rawValue, value(of: $0), $0.valuesText, $0.summary] }), noun: "settings")
  }

  func show(_ topic: ShowTopic?, _ statement: Statement) async throws -> Outcome {
    switch topic {
    case nil: .table(inUse, noun: "things in use")
    case .settings: settingsTable(SettingName.allCases)
    case .variables:
      .table(
        Self.table(
          ["variable", "value"], variables.sorted { $0.key < $1.key }.map { ["$\($0.key)", $0.value.description] }),
        noun: "variables")
    case .macros: try await showMacros(statement)
    case .scripts: try await showScripts(statement)
    case .plans: try await showPlans(statement)
    case .limits: try await showLimits()
    case .retention: try await showRetention()
    }
  }

  private var inUse: ResultTable {
    ResultTable(
      columns: [ResultColumn("what", .text), ResultColumn("value", .text)],
      rows: [
        [.text("project"), context.project.map { .text($0.name) } ?? .null],
        [.text("run"), context.run.map { .text($0.name) } ?? .null],
        [.text("user"), .text(settings.user)],
        [.text("media"), .text(settings.media.root)],
      ])
  }

  private static func table(_ columns: [String], _ rows: [[String]]) -> ResultTable {
    ResultTable(columns: columns.map { ResultColumn($0, .text) }, rows: rows.map { $0.map(Value.text) })
  }

  private func showMacros(_ statement: Statement) async throws -> Outcome {
    _ = try projectInUse(statement)
    let checker = checker()
    let rows: [[Value]] = knowledge.macros.compactMap { macro in
      guard let definition = knowledge.library[macro.name] else { return nil }
      let checked = checker.checkedMacro(definition)
      let gives = checked.map { $0.entity + ($0.action.map { " | \($0.rawValue)" } ?? "") } ?? "does not work"
      return [
        .text(checked?.usage ?? "@\(macro.name)"), definition.documentation.map(Value.text) ?? .null,
        .text(gives),
        .int(Int64(macro.version)), macro.by.map(Value.text) ?? .null, .time(macro.at),
      ]
    }
    let columns: [ResultColumn] = [
      .init("macro", .text), .init("for", .text), .init("gives", .text), .init("version", .int),
      .init("saved_by", .text), .init("saved_at", .time),
    ]
    return .table(ResultTable(columns: columns, rows: rows), noun: "macros")
  }

  private func showScripts(_ statement: Statement) async throws -> Outcome {
    let scripts = try await Scripts(connection).all(of: ProjectID(try projectInUse(statement).id))
    let rows: [[Value]] = scripts.map { script in
      let parameters = script.parameters.isEmpty ? "" : "(\(script.parameters))"
      let count = Parser.parse(SourceText(name: script.name, text: script.body ?? "")).statements.count
      return [
        .text(script.name + parameters), .int(Int64(count)), .int(Int64(script.version)),
        script.by.map(Value.text) ?? .null, .time(script.at),
      ]
    }
    let columns: [ResultColumn] = [
      .init("script", .text), .init("statements", .int), .init("version", .int), .init("saved_by", .text),
      .init("saved_at", .time),
    ]
    return .table(ResultTable(columns: columns, rows: rows), noun: "scripts")
  }

  private func showPlans(_ statement: Statement) async throws -> Outcome {
    let plans = try await Plans(connection).all(of: ProjectID(try projectInUse(statement).id))
    let rows: [[Value]] = plans.map { plan in
      let state = plan.appliedAt != nil ? "applied" : plan.isExpired ? "expired" : "open"
      return [
        .text(plan.name), .text(state), .int(Int64(plan.changed)), .text(plan.entity), .double(plan.gpuHours),
        .text(plan.statement), plan.by.map(Value.text) ?? .null, .time(plan.at), .time(plan.expiresAt),
      ]
    }
    let columns: [ResultColumn] = [
      .init("plan", .text), .init("state", .text), .init("rows", .int), .init("of", .text), .init("gpu_hours", .double),
      .init("statement", .text), .init("planned_by", .text), .init("planned_at", .time), .init("expires_at", .time),
    ]
    return .table(ResultTable(columns: columns, rows: rows), noun: "plans")
  }
}

extension SettingName {
  /// The values it takes, for a person.
  var valuesText: String {
    switch value {
    case .text: "a name"
    case .number(let words): "a number from 1 on, \(Spelling.list(words, conjunction: "or"))"
    case .oneOf(let words): words.joined(separator: " ")
    }
  }
}
