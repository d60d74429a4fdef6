import CLibPQ

extension Link {
  /// What libpq's PQsend call answers: 1 when it is on its way.
  func sendParameters(_ text: String, _ parameters: EncodedParameters) -> Int32 {
    let count = Int32(parameters.types.count)
    if count == 0 { return PQsendQueryParams(connection, text, 0, nil, nil, nil, nil, 0) }
    return parameters.withPointers { values, lengths, formats in
      PQsendQueryParams(connection, text, count, parameters.types, values, lengths, formats, 0)
    }
  }

  func sendPrepared(_ name: String, _ parameters: EncodedParameters) -> Int32 {
    let count = Int32(parameters.types.count)
    if count == 0 { return PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 0) }
    return parameters.withPointers { values, lengths, formats in
      PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
    }
  }

  func prepare(_ name: String, _ text: String, _ parameters: EncodedParameters, _ exchange: Exchange)
    throws(PostgresError)
  {
    try sent(PQsendPrepare(connection, name, text, Int32(parameters.types.count), parameters.types))
    _ = try collect(exchange)
  }

  /// The name is one of our own making.
  func deallocate(_ name: String, _ exchange: Exchange) throws(PostgresError) {
    try simple("deallocate \(name)", exchange)
  }

  /// A statement of our own without parameters, such as BEGIN.
  func simple(_ text: String, _ exchange: Exchange) throws(PostgresError) {
    try sent(PQsendQuery(connection, text))
    _ = try collect(exchange)
  }
}
