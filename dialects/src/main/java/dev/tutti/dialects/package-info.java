/// Codecs between each API dialect and our own requests and deltas: pure, golden-tested.
///
/// A client's body becomes a {@link dev.tutti.dialects.ClientRequest} holding a {@link
/// dev.tutti.dialects.Work}; an {@link dev.tutti.dialects.EngineDialect} turns that into an
/// engine's body and the engine's bytes into {@link dev.tutti.dialects.Delta}s; an {@link
/// dev.tutti.dialects.AnswerWriter} turns deltas into the bytes the client expects. Called by
/// backends and gateway; calls core only.
@NullMarked
package dev.tutti.dialects;

import org.jspecify.annotations.NullMarked;
