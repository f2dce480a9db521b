package dev.tutti.dialects;

import dev.tutti.core.Failure;
import java.util.function.Function;

/// Gathers an answer and writes it as one object of either dialect.
final class WholeWriter implements AnswerWriter {
  private static final byte[] NOTHING = {};

  private final Dialect dialect;
  private final String contentType;
  private final Function<Gathered, byte[]> body;
  private final Gathered gathered = new Gathered();

  /// @param body what a complete answer looks like
  WholeWriter(Dialect dialect, Function<Gathered, byte[]> body) {
    this(dialect, ErrorBodies.JSON, body);
  }

  /// @param contentType the media type of a complete answer
  WholeWriter(Dialect dialect, String contentType, Function<Gathered, byte[]> body) {
    this.dialect = dialect;
    this.contentType = contentType;
    this.body = body;
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public boolean streams() {
    return false;
  }

  @Override
  public byte[] delta(Delta delta) {
    gathered.add(delta);
    return NOTHING;
  }

  @Override
  public byte[] end() {
    return body.apply(gathered);
  }

  @Override
  public byte[] error(Failure failure) {
    return ErrorBodies.of(dialect, failure).body();
  }

  /// A blank before the object; nothing before what is no JSON, where a blank would mean something.
  @Override
  public byte[] keepAlive() {
    return contentType.equals(ErrorBodies.JSON) ? new byte[] {' '} : NOTHING;
  }

  @Override
  public void restart() {
    gathered.clear();
  }
}
