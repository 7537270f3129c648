"""Kinds: CloudFormation's types as Terraform calls them."""

from __future__ import annotations

# The resource that a node is first of all.
KINDS = {
    "AWS::S3::BucketPolicy": "aws_s3_bucket_policy",
    "AWS::IAM::ManagedPolicy": "aws_iam_policy",
    "AWS::SageMaker::Model": "aws_sagemaker_model",
    "AWS::SageMaker::EndpointConfig": "aws_sagemaker_endpoint_configuration",
    "AWS::SageMaker::Endpoint": "aws_sagemaker_endpoint",
    "AWS::CloudWatch::Alarm": "aws_cloudwatch_metric_alarm",
    "AWS::CloudWatch::CompositeAlarm": "aws_cloudwatch_composite_alarm",
    "AWS::CloudWatch::Dashboard": "aws_cloudwatch_dashboard",
    "AWS::Logs::LogGroup": "aws_cloudwatch_log_group",
    "AWS::Lambda::Function": "aws_lambda_function",
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Lambda::Alias": "aws_lambda_alias",
    "AWS::Lambda::LayerVersion": "aws_lambda_layer_version",
    "AWS::Lambda::Url": "aws_lambda_function_url",
    "AWS::Lambda::EventInvokeConfig": "aws_lambda_function_event_invoke_config",
    "AWS::S3::Bucket": "aws_s3_bucket",
    "AWS::IAM::Role": "aws_iam_role",
    "AWS::ApplicationAutoScaling::ScalableTarget": "aws_appautoscaling_target",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "aws_appautoscaling_policy",
    "AWS::ApiGateway::RestApi": "aws_api_gateway_rest_api",
    "AWS::ApiGateway::Resource": "aws_api_gateway_resource",
    "AWS::ApiGateway::Method": "aws_api_gateway_method",
    "AWS::ApiGateway::Deployment": "aws_api_gateway_deployment",
    "AWS::ApiGateway::Stage": "aws_api_gateway_stage",
    "AWS::ApiGateway::ApiKey": "aws_api_gateway_api_key",
    "AWS::ApiGateway::UsagePlan": "aws_api_gateway_usage_plan",
    "AWS::ApiGateway::UsagePlanKey": "aws_api_gateway_usage_plan_key",
    "AWS::SageMaker::NotebookInstance": "aws_sagemaker_notebook_instance",
    "AWS::SageMaker::ModelPackageGroup": "aws_sagemaker_model_package_group",
    "AWS::ApiGateway::Model": "aws_api_gateway_model",
    "AWS::ApiGateway::RequestValidator": "aws_api_gateway_request_validator",
    "AWS::ApiGateway::Authorizer": "aws_api_gateway_authorizer",
    "AWS::ApiGateway::GatewayResponse": "aws_api_gateway_gateway_response",
}
# A version is what its function publishes.
OF_FUNCTIONS = "AWS::Lambda::Version"
