package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.OptionalLong;

/// Single exchanges with single engines, past the dispatcher: what an administrator asks of one
/// Ollama, and questions about a model. Called on the owner's loop; answers come on it.
public interface EngineCalls {
  /// Begins an exchange. Never throws and never calls `listener` before it returns.
  Call open(BackendId backend, Request request, Listener listener);

  /// Asks the engine what it has now, so that the lists are right. Never fails; completes when the
  /// fleet knows, or when the engine could not be asked.
  Future<Void> refresh(BackendId backend);

  /// What is asked.
  ///
  /// @param path with its leading slash
  /// @param headers lower-case names
  /// @param bodyBytes the length of the body, when it is known
  /// @param administrator whether somebody asks who may change what the engine has
  record Request(
      String method,
      String path,
      Map<String, String> headers,
      OptionalLong bodyBytes,
      boolean administrator) {
    /// Copies the map.
    public Request {
      headers = Map.copyOf(headers);
    }
  }

  /// An exchange under way.
  interface Call {
    /// Sends a piece of the body. The next one may come when the future has succeeded; it may never
    /// complete once the exchange has ended.
    Future<Void> write(Buffer piece);

    /// The body is complete.
    void end();

    /// Ends the exchange at once; the listener hears nothing more.
    void cancel();

    /// Asks for no more pieces of the answer until {@link #resume()}.
    void pause();

    /// Undoes {@link #pause()}.
    void resume();
  }

  /// Hears the answer. After {@link #end} or {@link #failed} nothing more comes.
  interface Listener {
    /// Its status and headers, with lower-case names.
    void head(int status, Map<String, String> headers);

    /// A piece of its body.
    void chunk(Buffer bytes);

    /// Its proper end.
    void end();

    /// It broke, or never came.
    void failed(Failure failure);
  }
}
