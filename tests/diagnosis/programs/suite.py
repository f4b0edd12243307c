"""A suite of small tests: each makes its own data, and drops it."""
import time
import unittest


class Arithmetic(unittest.TestCase):
    def setUp(self):
        self.data = [str(number) for number in range(60_000)]

    def tearDown(self):
        self.data = None
        time.sleep(0.02)


for index in range(80):
    def case(self, index=index):
        self.assertEqual(len(self.data[index:]), 60_000 - index)
    setattr(Arithmetic, f"test_{index}", case)

if __name__ == "__main__":
    unittest.main()
