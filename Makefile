# A menu. Each line of it is a command that you can type yourself.

.PHONY: help progress all test book serve doctor clean

help: ## Show this menu
	@echo "make scenario-1   Run scenario 1, broken and fixed side by side (likewise the others)"
	@echo "make peer-1       Run it with the real Python library, beside ours"
	@echo "make exercise-1   Get the exercise of scenario 1; then make check-1, make hint-1, make reset-1"
	@sed -n 's/^\([a-z]*\): ## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

scenario-%:
	cargo run --release --package lab -- run $*

peer-%:
	cargo run --release --package lab -- peer $*

predict-%:
	cargo run --release --package lab -- predict $*

exercise-%:
	cargo run --release --package lab -- exercise $*

check-%:
	cargo run --release --package lab -- check $*

watch-%:
	cargo run --release --package lab -- watch $*

hint-%:
	cargo run --release --package lab -- hint $*

reset-%:
	cargo run --release --package lab -- reset $*

progress: ## Tell which exercises are done
	cargo run --release --package lab -- progress

all: ## Run every scenario, and print a table of each
	cargo run --release --package lab -- all

test: ## Run all tests
	cargo test --workspace

book: ## Build the book, with your own runs in its figures, into target/book
	cargo run --release --package bookgen -- build

serve: ## Serve the book to this machine, and build it again when something changes
	cargo run --release --package bookgen -- serve

doctor: ## Tell what this machine can do
	cargo run --release --package lab -- doctor

clean: ## Delete what was built and recorded
	cargo clean
