# A menu. Each line of it is a command that you can type yourself.

.PHONY: help progress all test book serve doctor clean

help: ## Show this menu
	@echo "make scenario-1   Run scenario 1, broken and fixed side by side (likewise the others)"
	@echo "make peer-1       Run it with the real Python library, next to ours"
	@echo "make exercise-1   Get the exercise of scenario 1; then make check-1, watch-1, hint-1, reset-1"
	@echo "                  The second one: make exercise-1 EXERCISE=2, and EXERCISE=2 for the others too"
	@sed -n 's/^\([a-z]*\): ## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# What this machine can't show is no error of the command (exit code 2).
scenario-%:
	cargo run --profile workshop --package lab -- run $* || test $$? -eq 2

peer-%:
	cargo run --profile workshop --package lab -- peer $* || test $$? -eq 2

predict-%:
	cargo run --profile workshop --package lab -- predict $* || test $$? -eq 2

exercise-%:
	cargo run --profile workshop --package lab -- exercise $* $(EXERCISE)

check-%:
	cargo run --profile workshop --package lab -- check $* $(EXERCISE) || test $$? -eq 2

watch-%:
	cargo run --profile workshop --package lab -- watch $* $(EXERCISE)

hint-%:
	cargo run --profile workshop --package lab -- hint $* $(EXERCISE)

reset-%:
	cargo run --profile workshop --package lab -- reset $* $(EXERCISE)

progress: ## List the exercises, and mark those that you've done
	cargo run --profile workshop --package lab -- progress

all: ## Run every scenario, and print a table of each
	cargo run --profile workshop --package lab -- all || test $$? -eq 2

test: ## Run all tests
	cargo test --workspace

book: ## Build the book, with your own runs in its figures, into target/book
	cargo run --profile workshop --package bookgen -- build

serve: ## Serve the book to this machine, and build it again when something changes
	cargo run --profile workshop --package bookgen -- serve

doctor: ## Show what this machine can do
	cargo run --profile workshop --package lab -- doctor

clean: ## Delete what was built and recorded
	cargo clean
