package tearing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import tearing.purse.Nested;

/** What the agent takes, what it refuses, and what it leaves alone. */
class AgentTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", ";from=/target/classes"})
    void refusesToGuessPackages(String arguments) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class,
            () -> Agent.premain(arguments, null));
        assertTrue(refusal.getMessage().contains("=PACKAGE"));
    }

    @Test
    void refusesWhatNoConverterTakes() throws IOException {
        try (InputStream lambdas = AgentTest.class.getResourceAsStream("AgentTest.class")) {
            ClassReader reader = new ClassReader(lambdas);
            Rewriter rewriter = new Rewriter(new ClassWriter(ClassWriter.COMPUTE_MAXS));
            IllegalStateException refusal = assertThrows(IllegalStateException.class,
                () -> reader.accept(rewriter, 0));
            assertEquals("tearing/AgentTest: no card has invokedynamic", refusal.getMessage());
        }
    }

    @Test
    void leavesTheBeginningsOfConstructorsAlone() {
        Nested nested = new Nested();
        Power.reset();
        assertEquals(5, nested.sum());
        assertEquals(3, Power.stores());
    }

    @Test
    void cutsAConstructor() {
        Nested nested = new Nested();
        Power.cutAt(2);
        assertThrows(PowerCut.class, nested::sum);
        Power.reset();
    }
}
