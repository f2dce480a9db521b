package dev.tutti.link;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManagerFactory;

/// The JDK's TLS, telling of each connection before its handshake begins. Vert.x itself tells of a
/// connection when the handshake is done, and of one that never ends it not at all.
final class ToldTls extends JdkSSLEngineOptions {
  private final Consumer<Channel> begins;

  /// @param begins told of each connection, on its event loop
  ToldTls(Consumer<Channel> begins) {
    this.begins = begins;
  }

  private ToldTls(ToldTls other) {
    super(other);
    this.begins = other.begins;
  }

  @Override
  public ToldTls copy() {
    return new ToldTls(this);
  }

  @Override
  public SslContextFactory sslContextFactory() {
    return new Factory(super.sslContextFactory(), begins);
  }

  /// Passes everything on, and wraps what is made.
  private record Factory(SslContextFactory inner, Consumer<Channel> begins)
      implements SslContextFactory {
    @Override
    public Factory useAlpn(boolean use) {
      return new Factory(inner.useAlpn(use), begins);
    }

    @Override
    public Factory clientAuth(ClientAuth auth) {
      return new Factory(inner.clientAuth(auth), begins);
    }

    @Override
    public Factory forClient(boolean client) {
      return new Factory(inner.forClient(client), begins);
    }

    @Override
    public Factory keyMananagerFactory(KeyManagerFactory keys) {
      return new Factory(inner.keyMananagerFactory(keys), begins);
    }

    @Override
    public Factory trustManagerFactory(TrustManagerFactory trust) {
      return new Factory(inner.trustManagerFactory(trust), begins);
    }

    @Override
    public Factory enabledCipherSuites(Set<String> suites) {
      return new Factory(inner.enabledCipherSuites(suites), begins);
    }

    @Override
    public Factory applicationProtocols(List<String> protocols) {
      return new Factory(inner.applicationProtocols(protocols), begins);
    }

    @Override
    public Factory serverName(String name) {
      return new Factory(inner.serverName(name), begins);
    }

    @Override
    public SslContext create() throws SSLException {
      return new Told(inner.create(), begins);
    }
  }

  /// Another context, whose connections are told of.
  private static final class Told extends SslContext {
    private final SslContext inner;
    private final Consumer<Channel> begins;

    Told(SslContext inner, Consumer<Channel> begins) {
      this.inner = inner;
      this.begins = begins;
    }

    @Override
    public boolean isClient() {
      return inner.isClient();
    }

    @Override
    public List<String> cipherSuites() {
      return inner.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract all the same
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
      return inner.applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers) {
      return inner.newEngine(buffers);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers, String host, int port) {
      return inner.newEngine(buffers, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
      return inner.sessionContext();
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator buffers, boolean startTls, Executor tasks) {
      return new Handler(newEngine(buffers), startTls, tasks, begins);
    }

    @Override
    protected SslHandler newHandler(
        ByteBufAllocator buffers, String host, int port, boolean startTls, Executor tasks) {
      return new Handler(newEngine(buffers, host, port), startTls, tasks, begins);
    }
  }

  private static final class Handler extends SslHandler {
    private final Consumer<Channel> begins;

    Handler(SSLEngine engine, boolean startTls, Executor tasks, Consumer<Channel> begins) {
      super(engine, startTls, tasks);
      this.begins = begins;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
      begins.accept(context.channel());
      super.handlerAdded(context);
    }
  }
}
