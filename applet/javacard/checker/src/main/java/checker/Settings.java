package checker;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is expected of a program. README.md lists the properties.
 *
 * @param only the package whose classes are looked at, with dots; empty: all that are there
 * @param applets the applet classes with dots, in the order of their installation
 * @param budgets the bytes that may be used, by "code", "transient" and "persistent"
 * @param features the classes and fields that make a feature, by its name
 * @param failing methods of the platform that throw a CryptoException at installation
 * @param classFile the newest version of class files that the converter reads
 * @param stack the bytes that the deepest chain of calls may need
 * @param transaction the bytes that a transaction may hold
 */
public record Settings(String only, List<String> applets, Map<String, Integer> budgets,
        Map<String, List<String>> features, List<String> failing, int classFile, int stack,
        int transaction) {
    private static final Set<String> KNOWN = Set.of("package", "applets", "failing", "class-file",
        "budget.code", "budget.transient", "budget.persistent", "budget.stack",
        "budget.transaction");
    private static final String FEATURE = "feature.";

    /** What holds without a file: no applet is installed, nothing has a budget but the stack. */
    public static Settings none() {
        return of(new Properties());
    }

    /**
     * Reads a properties file.
     *
     * @throws IOException if it can't be read, or has a property that nobody knows
     */
    public static Settings read(Path path) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(path)) {
            properties.load(in);
        }
        try {
            return of(properties);
        } catch (IllegalArgumentException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    private static Settings of(Properties properties) {
        Map<String, List<String>> features = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            if (name.startsWith(FEATURE)) {
                features.put(name.substring(FEATURE.length()), words(properties, name));
            } else if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("no property is named " + name);
            }
        }
        Map<String, Integer> budgets = new LinkedHashMap<>();
        for (String what : List.of("code", "transient", "persistent")) {
            budgets.put(what, number(properties, "budget." + what, Integer.MAX_VALUE));
        }
        return new Settings(properties.getProperty("package", "").strip(),
            words(properties, "applets"), budgets, features, words(properties, "failing"),
            number(properties, "class-file", 52), number(properties, "budget.stack", 600),
            number(properties, "budget.transaction", 700));
    }

    private static List<String> words(Properties properties, String name) {
        List<String> words = new ArrayList<>();
        for (String word : properties.getProperty(name, "").split("[\\s,]+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static int number(Properties properties, String name, int otherwise) {
        String text = properties.getProperty(name);
        try {
            return text == null ? otherwise : Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is no number: " + text, e);
        }
    }
}
