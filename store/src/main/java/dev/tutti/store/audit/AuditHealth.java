package dev.tutti.store.audit;

/// How the audit log is doing.
///
/// @param records written in this log
/// @param lost entries that could not be kept, since the process started
/// @param trouble what its owner must know; empty when all is well
public record AuditHealth(long records, long lost, String trouble) {}
