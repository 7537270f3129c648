"""Amazon EC2, a room for each noun: networks, key pairs, images, instance types, launch templates."""
