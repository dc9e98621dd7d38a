package tapbench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A file of testdata/vectors/message: a name, and fields in hexadecimal. Go reads it, too. */
record Vector(String name, Map<String, byte[]> fields) {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"([0-9a-f]*)\"");

    static Vector load(String name) {
        return read(Path.of(System.getProperty("vectors"), name + ".json"));
    }

    /** All vectors whose names begin so; none is an error. */
    static List<Vector> all(String prefix) {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("vectors")))) {
            List<Vector> found = files
                .filter(f -> f.getFileName().toString().startsWith(prefix))
                .sorted().map(Vector::read).toList();
            if (found.isEmpty()) {
                throw new AssertionError("no vectors " + prefix);
            }
            return found;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Vector read(Path file) {
        try {
            Map<String, byte[]> fields = new HashMap<>();
            String text = Files.readString(file);
            var matcher = FIELD.matcher(text.substring(text.indexOf("\"fields\"")));
            while (matcher.find()) {
                fields.put(matcher.group(1), HexFormat.of().parseHex(matcher.group(2)));
            }
            return new Vector(file.getFileName().toString(), fields);
        } catch (IOException e) {
            throw new AssertionError("reading " + file, e);
        }
    }

    byte[] get(String field) {
        byte[] value = fields.get(field);
        if (value == null) {
            throw new AssertionError(name + " has no " + field);
        }
        return value.clone();
    }
}
