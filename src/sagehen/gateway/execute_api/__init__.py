"""The door to users' own REST APIs. What they answer is for `services/apigateway` to say."""
