package dev.tutti.app.cli;

import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/// A text as a QR code (ISO/IEC 18004) for a terminal, two modules in each character. Light modules
/// are drawn and dark ones left out, as suits the dark background that most terminals have; readers
/// understand both.
final class QrDrawing {
  /// Modules around the code that stay light.
  private static final int QUIET = 2;

  private QrDrawing() {}

  /// The lines to print.
  static List<String> lines(String text) {
    var code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    var lines = new ArrayList<String>();
    for (int y = -QUIET; y < code.size + QUIET; y += 2) {
      var line = new StringBuilder();
      for (int x = -QUIET; x < code.size + QUIET; x++) {
        boolean upper = !code.getModule(x, y);
        boolean lower = y + 1 < code.size + QUIET && !code.getModule(x, y + 1);
        line.append(upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ');
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
