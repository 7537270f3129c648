# Two commands: `make demo` and `make test`. Each does all set-up that it needs.
.DEFAULT_GOAL := help
.PHONY: help demo test check environment benchmarks format clean

help:
	@printf '%s\n' \
	  'make demo        the whole story on real images (DATA=folder MODEL=resnet50 EPOCHS=n TUNE=n KEEP=1 SCALE=0 CLUSTER=2)' \
	  'make test        format, lint, types, import layers, tests' \
	  'make benchmarks  measure what the README claims' \
	  'make format      put the source into its format' \
	  'make clean       remove the environment and everything the demo made'

environment:
	@scripts/environment

demo: environment
	@.venv/bin/python -m examples.image_classifier.demo

test: environment
	@scripts/check

benchmarks: environment
	@.venv/bin/python -m benchmarks

format:
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

clean:
	rm -rf .venv .sagehen console/node_modules console/dist src/sagehen/console/files
