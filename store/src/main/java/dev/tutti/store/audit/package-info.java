/// The audit log's files: one that is only ever appended to, its signed heads, and its key.
///
/// {@link dev.tutti.store.audit.AuditFile} writes, {@link dev.tutti.store.audit.AuditReader} reads
/// and checks; a check needs no hub that runs. Called by app; calls access.
@NullMarked
package dev.tutti.store.audit;

import org.jspecify.annotations.NullMarked;
