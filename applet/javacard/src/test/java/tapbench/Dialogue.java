package tapbench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A dialogue of testdata/vectors/applet in the grammar "tapbench-apdu v1", which Go package trace
 * specifies and checks: command and answer as hexadecimal digits, "[any 2]" for two bytes of any
 * value. No command means a reset.
 */
record Dialogue(String name, List<Exchange> exchanges) {
    /** One command and its answer, a pattern. */
    record Exchange(String command, Pattern answer) {
    }

    private static final Path FOLDER = Path.of("..", "..", "testdata", "vectors", "applet");
    private static final String MAGIC = "# tapbench-apdu v1";

    static Dialogue read(String name) {
        try {
            List<String> lines = join(Files.readAllLines(FOLDER.resolve(name + ".apdu")));
            if (!lines.get(0).equals(MAGIC)) {
                throw new IllegalStateException(name + " isn't a dialogue");
            }
            List<Exchange> exchanges = new ArrayList<>();
            String command = null;
            for (String line : lines) {
                if (line.equals("reset")) {
                    exchanges.add(new Exchange(null, null));
                } else if (line.startsWith("> ")) {
                    command = digits(line);
                } else if (line.startsWith("< ")) {
                    exchanges.add(new Exchange(command, pattern(digits(line))));
                } else if (!line.matches("#.*|(spec|expect|comment): .*")) {
                    throw new IllegalStateException(name + ": " + line);
                }
            }
            if (exchanges.isEmpty()) {
                throw new IllegalStateException(name + " has no exchange");
            }
            return new Dialogue(name, exchanges);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends continuations, which begin with two spaces, to their lines. */
    private static List<String> join(List<String> lines) {
        List<String> out = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("  ")) {
                out.add(out.remove(out.size() - 1) + line);
            } else {
                out.add(line);
            }
        }
        return out;
    }

    private static String digits(String line) {
        return line.substring(1).replace(" ", "");
    }

    private static Pattern pattern(String answer) {
        return Pattern.compile(answer.replaceAll("\\[any(\\d+)\\]", "(?:[0-9A-F]{2}){$1}"));
    }
}
