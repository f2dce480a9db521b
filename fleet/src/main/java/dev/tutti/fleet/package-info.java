/// Nodes, the facts of their backends, and whether they can be trusted to answer: pure.
///
/// Records are immutable views that everybody may read; the registry that changes them has one
/// owner. Called by dispatch, backends, link, store, gateway and app; calls core only.
@NullMarked
package dev.tutti.fleet;

import org.jspecify.annotations.NullMarked;
