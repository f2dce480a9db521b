/// What outlives the process, in one SQLite file: nodes, backends, keys, and who used what.
///
/// Start with {@link dev.tutti.store.SqliteStore}. One thread writes, one reads, and nobody else
/// waits for the disk: whoever asks gets a future, and usage rows are dropped and counted rather
/// than waited for. The only room that speaks SQL. Called by app; calls core and fleet.
@NullMarked
package dev.tutti.store;

import org.jspecify.annotations.NullMarked;
