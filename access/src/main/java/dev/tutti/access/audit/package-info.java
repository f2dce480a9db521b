/// The record of what was done: entries, the chain that ties them together, the signed heads, and
/// the check that finds what was tampered with.
///
/// Pure: bytes in, bytes and findings out. Where they are kept is the store's business. Everything
/// that changes the mesh is written down through {@link dev.tutti.access.audit.AuditLog#record}.
@NullMarked
package dev.tutti.access.audit;

import org.jspecify.annotations.NullMarked;
