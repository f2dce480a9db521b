package dev.tutti.dialects;

import java.util.Map;

/// How to speak to one kind of engine: writes its requests, reads its answers. Stateless.
public interface EngineDialect {
  /// The dialect spoken.
  Dialect dialect();

  /// The request that makes an engine do the work.
  ///
  /// @param model the model's name as that engine knows it
  /// @throws dev.tutti.core.MeshException `UNSUPPORTED`, when this dialect cannot say it; the
  ///   message names what is missing
  EngineCall call(Work work, String model);

  /// The same with other words about how the model is to be held in memory, where the dialect has
  /// such words.
  default EngineCall call(Work work, String model, OllamaLoad load) {
    return call(work, model);
  }

  /// A fresh reader for the answer to that work.
  AnswerReader reader(Work work);

  /// One HTTP request to an engine.
  ///
  /// @param path with its leading slash
  /// @param headers names in lower case; the body's `content-type` among them
  /// @param body nobody changes it afterwards
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to a socket, never compared
  record EngineCall(String method, String path, Map<String, String> headers, byte[] body) {
    private static final Map<String, String> JSON = Map.of("content-type", "application/json");

    /// Copies the headers.
    public EngineCall {
      headers = Map.copyOf(headers);
    }

    /// A request with a JSON body in UTF-8.
    public EngineCall(String method, String path, byte[] body) {
      this(method, path, JSON, body);
    }
  }
}
