package dev.tutti.dialects;

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

  /// A fresh reader for the answer to that work.
  AnswerReader reader(Work work);

  /// One HTTP request to an engine.
  final class EngineCall {
    private final String method;
    private final String path;
    private final byte[] body;

    /// A request with a JSON body in UTF-8, which nobody changes afterwards.
    ///
    /// @param path with its leading slash
    public EngineCall(String method, String path, byte[] body) {
      this.method = method;
      this.path = path;
      this.body = body;
    }

    /// The HTTP method.
    public String method() {
      return method;
    }

    /// The path with its leading slash.
    public String path() {
      return path;
    }

    /// The body: not a copy, not to be changed.
    public byte[] body() {
      return body;
    }
  }
}
