"""The door to registries of images. What they answer is for `services/ecr/distribution` to say."""
