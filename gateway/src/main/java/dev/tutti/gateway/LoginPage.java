package dev.tutti.gateway;

import dev.tutti.access.Resolution;

/// What a browser sees that has no key yet: nothing but the question for one. Not even what this
/// hub is called.
final class LoginPage {
  private LoginPage() {}

  /// The page in UTF-8.
  ///
  /// @param why what was wrong with what it gave before
  static byte[] of(Resolution.Why why) {
    String refused =
        why == Resolution.Why.MISSING
            ? ""
            : "<p class=\"refused\">" + Page.escape(why.message()) + "</p>\n";
    return Page.of(
        refused
            + """
            <form method="post" action="/login">
            <p><label for="key">Your key. Whoever runs this hub makes one with
            <code>tutti key create</code>.</label></p>
            <input id="key" name="key" type="password" autocomplete="current-password" required>
            <button type="submit">Come in</button>
            </form>
            """);
  }
}
