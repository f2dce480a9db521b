package dev.tutti.dialects;

import java.util.function.Supplier;

/// What an answer says about itself besides the deltas.
///
/// @param id a text unique to this answer, without a prefix: the writer puts `chatcmpl-` or `cmpl-`
///   before it
/// @param createdSeconds when the answer was begun, in seconds since 1970
/// @param now the wall clock as RFC 3339 in UTC with up to nine decimals, ending in `Z`; asked once
///   for every line of an Ollama answer
/// @param answeredModel the name of the model that really answers, asked when the first bytes are
///   made; only an OpenAI answer to a virtual model shows it
public record AnswerContext(
    String id, long createdSeconds, Supplier<String> now, Supplier<String> answeredModel) {}
