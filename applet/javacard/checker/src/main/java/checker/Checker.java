package checker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Checks a program against all rules; as a program, it checks a folder or a jar of classes. */
public final class Checker {
    private static final String USAGE =
        "usage: checker.Checker CLASSES [SETTINGS.properties] [REPORT.json]";

    private Checker() {
    }

    /** Returns what a card would refuse of a program, and what it takes. */
    public static Report check(Program all, Settings settings) {
        Program program = all.only(settings.only());
        Rule.Subject subject = new Rule.Subject(program, new Flow(program), settings);
        List<Rule> rules = List.of(new SubsetRule(), new NarrowingRule(), new ApiRule(),
            new AlgorithmRule(), new InitialiserRule(), new AllocationRule(),
            DepthRule.of(program), new TransactionRule(), new LimitRule());
        LinkedHashSet<Finding> findings = new LinkedHashSet<>();
        rules.forEach(rule -> findings.addAll(rule.check(subject)));
        return new Report(program, settings, new ArrayList<>(findings));
    }

    /** Prints the report. The exit code is 1 if there are findings, 2 if it can't be made. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the program and returns its exit code. */
    static int run(String... arguments) {
        if (arguments.length < 1 || arguments.length > 3) {
            System.err.println(USAGE);
            return 2;
        }
        try {
            Program program = Program.read(Path.of(arguments[0]));
            Settings settings = arguments.length < 2 ? Settings.none()
                : Settings.read(Path.of(arguments[1]));
            Report report = check(program, settings);
            System.out.print(report.text());
            if (arguments.length == 3) {
                Files.writeString(Path.of(arguments[2]), report.json());
            }
            return report.findings().isEmpty() ? 0 : 1;
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("checker: " + e.getMessage());
            return 2;
        } catch (RuntimeException e) { // of ASM, which takes classes for granted
            System.err.println("checker: a class is damaged, compile it anew: " + e);
            return 2;
        }
    }
}
