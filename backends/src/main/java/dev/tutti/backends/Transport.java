package dev.tutti.backends;

import dev.tutti.core.Failure;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/// Carries one HTTP exchange to an engine, whoever stands between. Owner loop only, in both
/// directions.
public interface Transport {
  /// Begins an exchange. Never throws and never calls `listener` before it returns.
  Exchange send(Request request, Listener listener);

  /// Bytes of a piece of a body, either way, at most.
  int MAX_CHUNK_BYTES = 64 * 1024;

  /// What is sent.
  ///
  /// @param path with its leading slash and its query, if any
  /// @param headers lower-case names; `host` and framing are the transport's own
  record Request(String method, String path, Map<String, String> headers, Buffer body) {
    /// Copies the headers.
    public Request {
      headers = Map.copyOf(headers);
    }
  }

  /// Hears the answer. After {@link #end} or {@link #failed} nothing more comes.
  interface Listener {
    /// The answer's status and headers, with lower-case names.
    void head(int status, Map<String, String> headers);

    /// A piece of the body.
    void chunk(Buffer bytes);

    /// The proper end of the body.
    void end();

    /// It broke; the failure says whether the engine may have begun.
    void failed(Failure failure);
  }

  /// An exchange under way.
  interface Exchange {
    /// Ends it at once and makes the engine notice; the listener hears nothing more.
    void cancel();

    /// Asks for no more pieces until {@link #resume()}.
    void pause();

    /// Undoes {@link #pause()}.
    void resume();
  }
}
