package dev.tutti.link;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A TCP connection in between that a test can cut or pull.
public final class Cable {
  private final Vertx vertx;
  private final int target;
  private final NetServer server;
  private final List<NetSocket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean pulled;
  private volatile boolean refusing;

  private Cable(Vertx vertx, int target) {
    this.vertx = vertx;
    this.target = target;
    this.server = vertx.createNetServer();
  }

  public static Cable to(Vertx vertx, int port) {
    var cable = new Cable(vertx, port);
    cable.server.connectHandler(cable::connect);
    TestMesh.await(cable.server.listen(0, "127.0.0.1"));
    return cable;
  }

  public int port() {
    return server.actualPort();
  }

  private void connect(NetSocket near) {
    if (refusing) {
      near.close();
      return;
    }
    near.pause();
    vertx
        .createNetClient()
        .connect(target, "127.0.0.1")
        .onFailure(_ -> near.close())
        .onSuccess(far -> {
          sockets.add(near);
          sockets.add(far);
          relay(near, far);
          relay(far, near);
          near.resume();
        });
  }

  private void relay(NetSocket from, NetSocket to) {
    from.handler(bytes -> {
      if (!pulled) {
        to.write(bytes);
      }
    });
    from.closeHandler(_ -> {
      if (!pulled) {
        to.close();
      }
    });
    from.exceptionHandler(_ -> {});
  }

  /// Both ends see the connection die, and new ones too until {@link #mend}.
  public void cut() {
    refusing = true;
    sockets.forEach(NetSocket::close);
    sockets.clear();
  }

  /// Nobody sees anything: bytes go nowhere.
  public void pull() {
    pulled = true;
    refusing = true;
  }

  public void mend() {
    pulled = false;
    refusing = false;
  }
}
